(define (problem blocks-4-collect-31-6)
(:domain blocksworld-4ops)
(:objects a b c d)
(:init
(handempty)
(ontable a)
(ontable b)
(ontable c)
(on d a)
(clear b)
(clear c)
(clear d)
)
(:goal
(and
(on a b)
(on b c)
(on c d)
)))
