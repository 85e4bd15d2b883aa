(define (problem blocks-4-collect-31-5)
(:domain blocksworld-4ops)
(:objects a b c d)
(:init
(handempty)
(ontable a)
(on b c)
(ontable c)
(on d a)
(clear b)
(clear d)
)
(:goal
(and
(on b a)
(on c d)
)))
