(define (problem blocks-5-evaluate-32-1)
(:domain blocksworld-4ops)
(:objects a b c d e)
(:init
(handempty)
(on a e)
(on b d)
(on c a)
(ontable d)
(ontable e)
(clear b)
(clear c)
)
(:goal
(and
(on a d)
(on b c)
(on c a)
)))
